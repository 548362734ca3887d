using Microsoft.AspNetCore.Razor.TagHelpers;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Retention;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Governance;

/// <summary>Retention's states and rules in the words of the pages.</summary>
public static class RetentionPageWords
{
    public static string Of(RetentionAction action) => action switch
    {
        RetentionAction.Delete => "deleted",
        RetentionAction.Archive => "archived",
        _ => "kept",
    };

    public static string Of(PrecedenceRule rule) => rule switch
    {
        PrecedenceRule.Unknown => "unknown or damaged",
        PrecedenceRule.LegalHold => "legal hold",
        PrecedenceRule.ComplianceRetention => "compliance lock",
        PrecedenceRule.GovernanceRetention => "governance lock",
        PrecedenceRule.InUse => "in use",
        PrecedenceRule.Retained => "retained",
        PrecedenceRule.DeleteRule => "date of deletion",
        PrecedenceRule.NoRule => "no rule says that it goes",
        PrecedenceRule.KeepLast => "one of the newest",
        PrecedenceRule.MissingDate => "a date is missing",
        _ => "date of archiving",
    };

    public static string Of(RetentionItemState state) => state switch
    {
        RetentionItemState.Done => "done",
        RetentionItemState.Kept => "kept after all",
        RetentionItemState.Objected => "objected to",
        _ => "",
    };

    public static string? LinkOf(RetentionItem item)
    {
        if (item.Subject != RetentionSubject.ModelVersions)
            return "/runs/" + item.Name;
        return RegistryWork.ParseVersionId(item.Name) is var (name, number) ? Urls.Version(name, number) : null;
    }
}

/// <summary>`&lt;run-state state="…" /&gt;` of a retention run.</summary>
[HtmlTargetElement("run-state", TagStructure = TagStructure.WithoutEndTag)]
public sealed class RunStateTagHelper : TagHelper
{
    public RetentionRunState State { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var (tone, icon, text) = State switch
        {
            RetentionRunState.Evaluating => ("blue", "clock", "evaluating"),
            RetentionRunState.Report => ("grey", "search", "preview"),
            RetentionRunState.WaitingForApproval => ("amber", "user", "waits for approval"),
            RetentionRunState.Approved => ("blue", "check", "approved"),
            RetentionRunState.Running => ("blue", "play", "running"),
            RetentionRunState.Done => ("green", "check", "done"),
            RetentionRunState.Stopped => ("slate", "x", "stopped"),
            RetentionRunState.Cancelled => ("slate", "x", "cancelled"),
            _ => ("red", "alert", "failed"),
        };
        Badge.Render(output, tone, icon, null);
        output.Content.Append(text);
    }
}
