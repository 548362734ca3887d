using Microsoft.AspNetCore.Razor.TagHelpers;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>The product's own icons, drawn on a grid of 16 with a stroke of 1.5. They take the colour of the text.</summary>
public static class Icons
{
    private static readonly Dictionary<string, string> Paths = new()
    {
        ["mark"] = "M8 1.75 13.5 5v6L8 14.25 2.5 11V5zM8 8v6.25M8 8 2.5 5M8 8l5.5-3",
        ["search"] = "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.4 10.4 13.75 13.75",
        ["sun"] = "M8 5.25a2.75 2.75 0 1 0 0 5.5 2.75 2.75 0 0 0 0-5.5zM8 1.25v1.5M8 13.25v1.5M1.25 8h1.5M13.25 8h1.5"
            + "M3.2 3.2l1.1 1.1M11.7 11.7l1.1 1.1M3.2 12.8l1.1-1.1M11.7 4.3l1.1-1.1",
        ["moon"] = "M13.25 9.6A5.75 5.75 0 0 1 6.4 2.75a5.75 5.75 0 1 0 6.85 6.85z",
        ["screen"] = "M2 3h12v8H2zM6 13.5h4M8 11v2.5",
        ["bell"] = "M8 2a4 4 0 0 0-4 4v3l-1.25 2.25h10.5L12 9V6a4 4 0 0 0-4-4zM6.5 13.25a1.6 1.6 0 0 0 3 0",
        ["user"] = "M8 2.25a2.75 2.75 0 1 0 0 5.5 2.75 2.75 0 0 0 0-5.5zM2.75 14c.4-2.9 2.5-4.25 5.25-4.25S12.85 11.1 13.25 14",
        ["users"] = "M6 2.75a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM1.5 13.5c.3-2.6 2-3.75 4.5-3.75s4.2 1.15 4.5 3.75"
            + "M10.5 3a2.4 2.4 0 0 1 0 4.6M12 10.1c1.5.5 2.3 1.6 2.5 3.4",
        ["menu"] = "M2.25 4.25h11.5M2.25 8h11.5M2.25 11.75h11.5",
        ["home"] = "M2.25 7.25 8 2.25l5.75 5v6.5h-4v-4h-3.5v4h-4z",
        ["cube"] = "M8 1.75 13.5 5v6L8 14.25 2.5 11V5zM2.5 5 8 8l5.5-3M8 8v6.25",
        ["flask"] = "M6 1.75h4M6.75 1.75v4.5L2.9 12.6c-.4.75 0 1.65.9 1.65h8.4c.9 0 1.3-.9.9-1.65L9.25 6.25v-4.5M4.9 10h6.2",
        ["play"] = "M4.5 2.75 12.5 8l-8 5.25z",
        ["data"] = "M8 2c3 0 5.25.8 5.25 1.9S11 5.8 8 5.8 2.75 5 2.75 3.9 5 2 8 2zM2.75 3.9v8.2C2.75 13.2 5 14 8 14s5.25-.8 5.25-1.9V3.9"
            + "M2.75 8c0 1.1 2.25 1.9 5.25 1.9s5.25-.8 5.25-1.9",
        ["rocket"] = "M9.5 10.5 5.5 6.5C7 3.5 9.5 2 13.75 2.25 14 6.5 12.5 9 9.5 10.5zM5.5 6.5H3L2 8.75l2.25.5M9.5 10.5V13l-2.25 1-.5-2.25M4 12l-1.5 1.5",
        ["shield"] = "M8 1.75 13 3.5v4c0 3.2-2 5.5-5 6.75-3-1.25-5-3.55-5-6.75v-4zM5.75 7.75 7.4 9.4l3-3",
        ["gear"] = "M8 5.75a2.25 2.25 0 1 0 0 4.5 2.25 2.25 0 0 0 0-4.5zM8 1.5v2M8 12.5v2M1.5 8h2M12.5 8h2M3.4 3.4l1.45 1.45M11.15 11.15l1.45 1.45"
            + "M3.4 12.6l1.45-1.45M11.15 4.85l1.45-1.45",
        ["activity"] = "M1.75 8.5h2.5L6.25 3l3.5 10 2-4.5h2.5",
        ["clock"] = "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.75V8l2.25 1.5",
        ["copy"] = "M5.75 5.75h7.5v7.5h-7.5zM3.75 10.25h-1v-7.5h7.5v1",
        ["check"] = "M3 8.5 6.25 11.75 13 4.75",
        ["chevron-down"] = "M4 6.25 8 10.25 12 6.25",
        ["chevron-right"] = "M6.25 4 10.25 8 6.25 12",
        ["chevron-left"] = "M9.75 4 5.75 8 9.75 12",
        ["arrow-up"] = "M8 13V3.5M4.25 7 8 3.25 11.75 7",
        ["arrow-down"] = "M8 3v9.5M4.25 9 8 12.75 11.75 9",
        ["arrow-right"] = "M3 8h9.5M9 4.25 12.75 8 9 11.75",
        ["x"] = "M4 4l8 8M12 4l-8 8",
        ["plus"] = "M8 3v10M3 8h10",
        ["dot"] = "M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
        ["circle"] = "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3z",
        ["download"] = "M8 2.25v8M4.75 7.25 8 10.5l3.25-3.25M2.5 13.5h11",
        ["file"] = "M3.75 1.75h5.5l3 3v9.5h-8.5zM9 2v3h3",
        ["folder"] = "M1.75 3.25h4.5l1.5 2h6.5v8h-12.5z",
        ["image"] = "M2 3h12v10H2zM2.25 11.5 6 7.75l3 3 2-2 2.75 2.75M10.75 5.5v.5",
        ["branch"] = "M4.5 2.25a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM4.5 10.75a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z"
            + "M11.5 3.25a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM4.5 5.25v5.5M11.5 6.25c0 2.5-2 3-7 3.25",
        ["commit"] = "M8 5.25a2.75 2.75 0 1 0 0 5.5 2.75 2.75 0 0 0 0-5.5zM1.5 8h3.75M10.75 8h3.75",
        ["tag"] = "M2.25 2.25H8l5.75 5.75-5.75 5.75L2.25 8zM5.25 5.2v.1",
        ["at"] = "M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM10.5 5.5v3.25c0 2 3.25 1.75 3.25-.75A5.75 5.75 0 1 0 11 12.9",
        ["alert"] = "M8 2.25 14.25 13.25H1.75zM8 6.5v3M8 11.4v.1",
        ["info"] = "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 7.25v3.5M8 5.1v.1",
        ["lock"] = "M3.5 7.25h9v6.5h-9zM5.25 7V5a2.75 2.75 0 0 1 5.5 0v2",
        ["trash"] = "M2.5 4.25h11M6 4V2.25h4V4M4 4.5l.6 9.25h6.8L12 4.5M6.75 7v4M9.25 7v4",
        ["undo"] = "M5.25 3 2.5 5.75 5.25 8.5M2.75 5.75H9.5a3.75 3.75 0 0 1 0 7.5H6",
        ["edit"] = "M2.5 13.5l.75-3.25 7.5-7.5 2.5 2.5-7.5 7.5zM9.25 4.25l2.5 2.5",
        ["columns"] = "M2 2.75h12v10.5H2zM6 2.75v10.5M10 2.75v10.5",
        ["compare"] = "M5.5 2.5H2.25v11H5.5M10.5 2.5h3.25v11H10.5M8 1.5v13",
        ["filter"] = "M2 3.5h12M4.25 8h7.5M6.5 12.5h3",
        ["external"] = "M9 2.5h4.5V7M13.25 2.75 7.5 8.5M11.5 9.5v4h-9v-9h4",
        ["key"] = "M5.5 7.25a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM7.75 8 13 2.75M10.5 5.25l2 2",
        ["logout"] = "M6.5 2.5h-4v11h4M6 8h7.5M10.5 5l3 3-3 3",
        ["archive"] = "M2 2.75h12v3H2zM3 5.75v7.5h10v-7.5M6.5 8.5h3",
        ["question"] = "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM6.4 6.4C6.5 5.4 7.2 5 8 5c.9 0 1.6.5 1.6 1.4 0 1.1-1.6 1.3-1.6 2.5M8 11v.1",
    };

    public static string Svg(string name, string? css = null) =>
        $"<svg class=\"icon{(css is null ? "" : " " + css)}\" viewBox=\"0 0 16 16\" width=\"16\" height=\"16\" fill=\"none\" "
        + "stroke=\"currentColor\" stroke-width=\"1.5\" stroke-linecap=\"round\" stroke-linejoin=\"round\" aria-hidden=\"true\">"
        + $"<path d=\"{Paths[name]}\"/></svg>";

    public static IEnumerable<string> Names => Paths.Keys;
}

/// <summary>`&lt;icon name="cube" /&gt;`: for the eye only, so the words stand beside it.</summary>
[HtmlTargetElement("icon", TagStructure = TagStructure.WithoutEndTag)]
public sealed class IconTagHelper : TagHelper
{
    public string Name { get; set; } = "dot";
    public string? Css { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = null;
        output.Content.SetHtmlContent(Icons.Svg(Name, Css));
    }
}
