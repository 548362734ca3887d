using Ganss.Xss;
using Markdig;
using Markdig.Syntax;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>
/// What people write in Markdown, as HTML that cannot act: raw HTML in it stays text, and the result passes an
/// allow-list. No images from elsewhere, since the page's policy would not load them and they would tell who reads.
/// </summary>
public static class MarkdownText
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .DisableHtml().UsePipeTables().UseAutoLinks().UseTaskLists().UseEmphasisExtras().Build();

    private static readonly string[] Tags =
    [
        "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "del", "ins", "mark", "sub", "sup", "code",
        "pre", "blockquote", "ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td",
    ];

    public static string ToHtml(string markdown)
    {
        try
        {
            // A sanitizer holds state while it works, so each text has its own.
            var document = Markdown.Parse(markdown, Pipeline);
            // The page has its own first and second headings.
            var headings = document.Descendants<HeadingBlock>().ToList();
            var first = headings.Count == 0 ? 1 : headings.Min(h => h.Level);
            foreach (var heading in headings)
                heading.Level = Math.Min(6, heading.Level - first + 3);
            return Sanitizer().Sanitize(document.ToHtml(Pipeline));
        }
        catch (ArgumentException)
        {
            // Nested too deep for the parser.
            return "<pre>" + System.Text.Encodings.Web.HtmlEncoder.Default.Encode(markdown) + "</pre>";
        }
    }

    private static HtmlSanitizer Sanitizer()
    {
        var sanitizer = new HtmlSanitizer();
        sanitizer.AllowedTags.Clear();
        sanitizer.AllowedTags.UnionWith(Tags);
        sanitizer.AllowedAttributes.Clear();
        sanitizer.AllowedAttributes.UnionWith(["href", "title", "start"]);
        sanitizer.AllowedCssProperties.Clear();
        sanitizer.AllowedSchemes.Clear();
        sanitizer.AllowedSchemes.UnionWith(["http", "https", "mailto"]);
        sanitizer.PostProcessNode += (_, e) =>
        {
            if (e.Node is not AngleSharp.Dom.IElement { LocalName: "a" } link)
                return;
            link.SetAttribute("rel", "noopener noreferrer nofollow ugc");
        };
        return sanitizer;
    }
}

/// <summary>`&lt;markdown-view text="…" /&gt;`.</summary>
[HtmlTargetElement("markdown-view", TagStructure = TagStructure.WithoutEndTag)]
public sealed class MarkdownViewTagHelper : TagHelper
{
    public string? Text { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "markdown");
        output.Content.SetHtmlContent(MarkdownText.ToHtml(Text ?? ""));
    }
}
