using Microsoft.AspNetCore.Razor.TagHelpers;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>`&lt;code-snippet title="Python" code="…" /&gt;` with a button that copies it.</summary>
[HtmlTargetElement("code-snippet", TagStructure = TagStructure.WithoutEndTag)]
public sealed class CodeSnippetTagHelper : TagHelper
{
    public string Title { get; set; } = "";
    public string Code { get; set; } = "";

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "figure";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "snippet");
        output.Content.AppendHtml("<figcaption><span>").Append(Title).AppendHtml("</span>")
            .AppendHtml(CopyButton.Html($"Copy {Title}", Code)).AppendHtml("</figcaption>")
            .AppendHtml("<pre tabindex=\"0\"><code>").Append(Code).AppendHtml("</code></pre>");
    }
}

/// <summary>`&lt;empty-state icon="cube" title="No models yet"&gt;what fills it&lt;/empty-state&gt;`.</summary>
[HtmlTargetElement("empty-state")]
public sealed class EmptyStateTagHelper : TagHelper
{
    public string Icon { get; set; } = "info";
    public string Title { get; set; } = "";

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var content = await output.GetChildContentAsync();
        output.TagName = "div";
        output.Attributes.SetAttribute("class", "empty");
        output.Content.AppendHtml(Icons.Svg(Icon, "icon-lg")).AppendHtml("<p class=\"empty-title\">").Append(Title)
            .AppendHtml("</p>").AppendHtml(content);
    }
}

/// <summary>`&lt;explain-panel title="Why can't I move this?"&gt;the rule, and who can&lt;/explain-panel&gt;`.</summary>
[HtmlTargetElement("explain-panel")]
public sealed class ExplainPanelTagHelper : TagHelper
{
    public string Title { get; set; } = "";
    /// <summary>info, warning or danger.</summary>
    public string Kind { get; set; } = "info";

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var content = await output.GetChildContentAsync();
        output.TagName = "div";
        output.Attributes.SetAttribute("class", $"explain explain-{Kind}");
        output.Content.AppendHtml(Icons.Svg(Kind == "info" ? "info" : "alert")).AppendHtml("<div><p class=\"explain-title\">")
            .Append(Title).AppendHtml("</p>").AppendHtml(content).AppendHtml("</div>");
    }
}

/// <summary>`&lt;progress-bar value="3" max="10" label="…" poll="/address" /&gt;`: the address answers
/// `{"value":4,"max":10,"label":"…","done":false}` and is asked every two seconds until done.</summary>
[HtmlTargetElement("progress-bar", TagStructure = TagStructure.WithoutEndTag)]
public sealed class ProgressBarTagHelper : TagHelper
{
    public long Value { get; set; }
    public long Max { get; set; } = 100;
    public string Label { get; set; } = "";
    public string? Poll { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "progress-row");
        if (Poll is not null)
            output.Attributes.SetAttribute("data-poll", Poll);
        output.Content.AppendHtml("<label><span>").Append(Label)
            .AppendHtml($"</span><progress value=\"{Value}\" max=\"{Max}\"></progress></label><span class=\"num meta\">")
            .Append($"{Figures.Count(Value)} of {Figures.Count(Max)}").AppendHtml("</span>");
    }
}

/// <summary>
/// `&lt;confirm-dialog id="delete" title="Delete run?" submit="Delete run" confirm="name"&gt;consequences&lt;/confirm-dialog&gt;`
/// inside of a form; opened by `&lt;button type="button" command="show-modal" commandfor="delete"&gt;`. With
/// <see cref="Confirm"/> the object's name has to be typed first. Works without script: the browser opens it, and
/// checks the name by the field's pattern; the server checks again.
/// </summary>
[HtmlTargetElement("confirm-dialog", Attributes = "id")]
public sealed class ConfirmDialogTagHelper : TagHelper
{
    public string Id { get; set; } = "";
    public string Title { get; set; } = "";
    public string Submit { get; set; } = "Confirm";
    public bool Danger { get; set; }
    public string? Confirm { get; set; }
    /// <summary>Shown opened, after an error in it.</summary>
    public bool Open { get; set; }

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var content = await output.GetChildContentAsync();
        output.TagName = "dialog";
        output.Attributes.SetAttribute("id", Id);
        output.Attributes.SetAttribute("class", "dialog");
        output.Attributes.SetAttribute("aria-labelledby", Id + "-title");
        output.Attributes.SetAttribute("closedby", "any");
        if (Open)
            output.Attributes.SetAttribute("open", "open");
        output.Content.AppendHtml($"<h2 id=\"{Id}-title\">").Append(Title)
            .AppendHtml("</h2><div class=\"dialog-body\">").AppendHtml(content);
        if (Confirm is not null)
        {
            output.Content.AppendHtml($"<div class=\"field\"><label for=\"{Id}-name\">Type <code>").Append(Confirm)
                .AppendHtml($"</code> to confirm</label><input id=\"{Id}-name\" name=\"confirmName\" class=\"form-control\" "
                    + "autocomplete=\"off\" required pattern=\"").Append(Pattern(Confirm))
                .AppendHtml("\" title=\"The name, exactly as it is written above\"></div>");
        }

        output.Content.AppendHtml("</div><div class=\"dialog-actions\">"
                + $"<button type=\"button\" class=\"btn\" command=\"close\" commandfor=\"{Id}\">Cancel</button>"
                + $"<button type=\"submit\" class=\"btn {(Danger ? "btn-danger" : "btn-primary")}\">").Append(Submit)
            .AppendHtml("</button></div>");
    }

    // Every character that a pattern could read as syntax, in a form that it cannot.
    private static string Pattern(string text) =>
        string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c > 127 ? c.ToString() : $"\\x{(int)c:x2}"));
}
