using Microsoft.AspNetCore.Razor.TagHelpers;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>`&lt;badge tone="green" icon="check"&gt;Ready&lt;/badge&gt;`: a state in words, an icon and a colour, never
/// colour alone. Tones: green, amber, grey, slate, red, blue.</summary>
[HtmlTargetElement("badge")]
public sealed class BadgeTagHelper : TagHelper
{
    public string Tone { get; set; } = "grey";
    public string? Icon { get; set; }
    public string? Title { get; set; }

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var content = await output.GetChildContentAsync();
        Badge.Render(output, Tone, Icon, Title);
        output.Content.AppendHtml(content);
    }
}

/// <summary>`&lt;stage-badge stage="…" /&gt;`.</summary>
[HtmlTargetElement("stage-badge", TagStructure = TagStructure.WithoutEndTag)]
public sealed class StageBadgeTagHelper : TagHelper
{
    public VersionStage Stage { get; set; } = VersionStage.Of(ModelStage.Experiment);

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var (tone, icon) = StageLooks.Of(Stage.Kind);
        Badge.Render(output, tone, icon, Stage.IsBuiltIn ? null : $"{StageLooks.Mlflow(Stage.Kind)} for MLflow's clients");
        output.Content.Append(Stage.Name);
    }
}

/// <summary>How a stage looks: as what it counts as, whatever it is called.</summary>
public static class StageLooks
{
    public static (string Tone, string Icon) Of(ModelStage kind) => kind switch
    {
        ModelStage.Production => ("green", "check"),
        ModelStage.Staging => ("amber", "clock"),
        ModelStage.Archived => ("slate", "archive"),
        _ => ("grey", "flask"),
    };

    /// <summary>What MLflow's clients are told.</summary>
    public static string Mlflow(ModelStage kind) => kind == ModelStage.Experiment ? "None" : kind.ToString();
}

/// <summary>`&lt;run-status status="…" /&gt;`.</summary>
[HtmlTargetElement("run-status", TagStructure = TagStructure.WithoutEndTag)]
public sealed class RunStatusTagHelper : TagHelper
{
    public RunStatus Status { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var (tone, icon) = Status switch
        {
            RunStatus.Finished => ("green", "check"),
            RunStatus.Running => ("blue", "play"),
            RunStatus.Failed => ("red", "x"),
            RunStatus.Killed => ("red", "x"),
            _ => ("grey", "clock"),
        };
        Badge.Render(output, tone, icon, null);
        output.Content.Append(Status.ToString());
    }
}

/// <summary>`&lt;alias-badge alias="champion" /&gt;`.</summary>
[HtmlTargetElement("alias-badge", TagStructure = TagStructure.WithoutEndTag)]
public sealed class AliasBadgeTagHelper : TagHelper
{
    public string Alias { get; set; } = "";

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        Badge.Render(output, "alias", null, "Alias");
        output.Content.Append("@" + Alias);
    }
}

internal static class Badge
{
    public static void Render(TagHelperOutput output, string tone, string? icon, string? title)
    {
        output.TagName = "span";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", $"tone tone-{tone}");
        if (title is not null)
            output.Attributes.SetAttribute("title", title);
        if (icon is not null)
            output.Content.AppendHtml(Icons.Svg(icon));
    }
}
