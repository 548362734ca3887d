using Microsoft.AspNetCore.Razor.TagHelpers;

namespace ModelRegistry.Web.Charts;

/// <summary>`&lt;plot title="loss" src="/ui-api/…" /&gt;`: a chart in its card, loaded when it comes into view. The page
/// includes the `_ChartScripts` partial in its section Scripts.</summary>
[HtmlTargetElement("plot", TagStructure = TagStructure.WithoutEndTag)]
public sealed class PlotTagHelper : TagHelper
{
    public string Title { get; set; } = "";
    public string Src { get; set; } = "";
    public string? Note { get; set; }
    public bool Tall { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "section";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "chart-card");
        output.Attributes.SetAttribute("aria-label", "Chart of " + Title);
        output.Content.AppendHtml("<h2><span>").Append(Title).AppendHtml("</span><span class=\"num\">").Append(Note ?? "")
            .AppendHtml($"</span></h2><div class=\"chart{(Tall ? " chart-tall" : "")} loading\" data-chart=\"")
            .Append(Src).AppendHtml("\"><noscript><p class=\"chart-note\">Charts need JavaScript.</p></noscript></div>");
    }
}
