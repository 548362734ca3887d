using Microsoft.AspNetCore.Razor.TagHelpers;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>`&lt;th sort-key="name" sort-state="Model.Table"&gt;Name&lt;/th&gt;`: a header that is a link; the second click
/// turns the order round.</summary>
[HtmlTargetElement("th", Attributes = "sort-key,sort-state")]
public sealed class SortHeaderTagHelper : TagHelper
{
    public string SortKey { get; set; } = "";
    public required TableState SortState { get; set; }
    /// <summary>The first click orders downwards: right for times and counts.</summary>
    public bool SortDescending { get; set; }
    /// <summary>The table is ordered by this where the address says nothing.</summary>
    public bool SortDefault { get; set; }

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var content = await output.GetChildContentAsync();
        var current = SortState.Sort is { } sort ? sort == SortKey : SortDefault;
        var descending = SortState.Sort is null ? SortDescending : SortState.Descending;
        var url = SortState.SortedBy(SortKey, current ? !descending : SortDescending);
        output.Attributes.SetAttribute("scope", "col");
        if (current)
            output.Attributes.SetAttribute("aria-sort", descending ? "descending" : "ascending");
        output.Content.AppendHtml("<a class=\"sort\" href=\"").Append(url).AppendHtml("\">").AppendHtml(content)
            .AppendHtml(Icons.Svg(current && descending ? "arrow-down" : "arrow-up", current ? null : "ghost"))
            .AppendHtml("</a>");
    }
}

/// <summary>`&lt;pager state="Model.Table" next="…" /&gt;` under a table: pages by key, so it knows the next and the
/// previous page and counts nothing.</summary>
[HtmlTargetElement("pager", TagStructure = TagStructure.WithoutEndTag)]
public sealed class PagerTagHelper : TagHelper
{
    public required TableState State { get; set; }
    public string? Next { get; set; }
    public string? Summary { get; set; }
    /// <summary>Offers the whole table as CSV and JSON; the page answers to `format=`.</summary>
    public bool Export { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "nav";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "pager");
        output.Attributes.SetAttribute("aria-label", "Pages");
        output.Content.AppendHtml("<span class=\"meta\">").Append(Summary ?? "").AppendHtml("</span>");
        if (Export)
        {
            output.Content.AppendHtml("<span class=\"meta export\">Export <a href=\"").Append(State.Export("csv"))
                .AppendHtml("\">CSV</a> <a href=\"").Append(State.Export("json")).AppendHtml("\">JSON</a></span>");
        }

        if (State.IsFirstPage && string.IsNullOrEmpty(Next))
            return;
        output.Content.AppendHtml("<span class=\"pager-links\">");
        Link(output, State.PreviousPage, "chevron-left", "Previous", before: true);
        Link(output, string.IsNullOrEmpty(Next) ? null : State.Page(Next), "chevron-right", "Next", before: false);
        output.Content.AppendHtml("</span>");
    }

    private static void Link(TagHelperOutput output, string? url, string icon, string text, bool before)
    {
        var svg = Icons.Svg(icon);
        if (url is null)
        {
            output.Content.AppendHtml("<span class=\"btn btn-sm disabled\">" + (before ? svg + text : text + svg) + "</span>");
            return;
        }

        output.Content.AppendHtml($"<a class=\"btn btn-sm\" rel=\"{(before ? "prev" : "next")}\" href=\"").Append(url)
            .AppendHtml("\">" + (before ? svg + text : text + svg) + "</a>");
    }
}

/// <summary>`&lt;query-fields state="Model.Table" except="filter" /&gt;`: the rest of the address as hidden fields of a
/// form that changes one part of it.</summary>
[HtmlTargetElement("query-fields", TagStructure = TagStructure.WithoutEndTag)]
public sealed class QueryFieldsTagHelper : TagHelper
{
    public required TableState State { get; set; }
    public string Except { get; set; } = "";

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = null;
        foreach (var (key, value) in State.Except(Except.Split(',', StringSplitOptions.TrimEntries)))
        {
            output.Content.AppendHtml("<input type=\"hidden\" name=\"").Append(key).AppendHtml("\" value=\"")
                .Append(value).AppendHtml("\">");
        }
    }
}
