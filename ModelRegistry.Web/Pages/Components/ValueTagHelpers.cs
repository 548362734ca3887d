using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>`&lt;id-chip value="…" /&gt;`: the first characters of an id or hash; the button copies all of it.</summary>
[HtmlTargetElement("id-chip", TagStructure = TagStructure.WithoutEndTag)]
public sealed class IdChipTagHelper : TagHelper
{
    public string Value { get; set; } = "";
    public int Length { get; set; } = 8;
    /// <summary>What it is the id of, for the button's name.</summary>
    public string Label { get; set; } = "id";
    public string? Href { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var text = Value.Length > Length ? Value[..Length] : Value;
        output.TagName = "span";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "chip");
        output.Attributes.SetAttribute("title", Value);
        if (Href is null)
        {
            output.Content.AppendHtml("<code>").Append(text).AppendHtml("</code>");
        }
        else
        {
            output.Content.AppendHtml("<a href=\"").Append(Href).AppendHtml("\"><code>").Append(text).AppendHtml("</code></a>");
        }

        output.Content.AppendHtml(CopyButton.Html($"Copy {Label}", Value));
    }
}

internal static class CopyButton
{
    /// <summary>Hidden by the style sheet until the script, which alone can copy, has started.</summary>
    public static string Html(string label, string value)
    {
        var encode = System.Text.Encodings.Web.HtmlEncoder.Default;
        return $"<button type=\"button\" class=\"copy js-only\" data-copy=\"{encode.Encode(value)}\" "
            + $"aria-label=\"{encode.Encode(label)}\">{Icons.Svg("copy")}</button>";
    }
}

/// <summary>`&lt;metric-value value="…" baseline="…" /&gt;`: few digits, all of them on hover, and the difference.</summary>
[HtmlTargetElement("metric-value", TagStructure = TagStructure.WithoutEndTag)]
public sealed class MetricValueTagHelper : TagHelper
{
    public double? Value { get; set; }
    public double? Baseline { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "span";
        output.TagMode = TagMode.StartTagAndEndTag;
        if (Value is not { } value)
        {
            output.Attributes.SetAttribute("class", "muted");
            output.Content.SetContent("—");
            return;
        }

        output.Attributes.SetAttribute("class", "num");
        output.Attributes.SetAttribute("title", Figures.Exact(value));
        output.Content.SetContent(Figures.Metric(value));
        if (Baseline is { } baseline)
        {
            output.Content.AppendHtml("<span class=\"delta\" title=\"Difference from the baseline\">")
                .Append(Figures.Delta(value, baseline)).AppendHtml("</span>");
        }
    }
}

/// <summary>`&lt;spark-line values="…" /&gt;`: a curve in a word's size, drawn by the server.</summary>
[HtmlTargetElement("spark-line", TagStructure = TagStructure.WithoutEndTag)]
public sealed class SparkLineTagHelper : TagHelper
{
    private const int Width = 96;
    private const int Height = 24;

    public IReadOnlyList<double> Values { get; set; } = [];
    public string Label { get; set; } = "";

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "svg";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "spark");
        output.Attributes.SetAttribute("viewBox", $"0 0 {Width} {Height}");
        output.Attributes.SetAttribute("width", Width);
        output.Attributes.SetAttribute("height", Height);
        output.Attributes.SetAttribute("role", "img");
        var finite = Values.Where(double.IsFinite).ToList();
        output.Attributes.SetAttribute("aria-label", finite.Count == 0
            ? $"{Label}: no values"
            : $"{Label}: from {Figures.Metric(finite[0])} to {Figures.Metric(finite[^1])}");
        if (finite.Count > 1)
            output.Content.SetHtmlContent($"<polyline points=\"{Points(finite)}\"/>");
    }

    private static string Points(List<double> values)
    {
        double low = values.Min(), span = values.Max() - low;
        var points = new StringBuilder();
        for (var i = 0; i < values.Count; i++)
        {
            var x = 1 + (Width - 2) * (double)i / (values.Count - 1);
            var y = span == 0 ? Height / 2.0 : Height - 2 - (Height - 4) * ((values[i] - low) / span);
            points.Append(CultureInfo.InvariantCulture, $"{x:0.#},{y:0.#} ");
        }

        return points.ToString();
    }
}
