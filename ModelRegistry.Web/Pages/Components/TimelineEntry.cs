namespace ModelRegistry.Web.Pages.Components;

/// <summary>A line of the `_Timeline` partial: what happened, who did it, when, and why.</summary>
public sealed record TimelineEntry(long AtMs, string Who, string What)
{
    public string Icon { get; init; } = "dot";
    public string Tone { get; init; } = "grey";
    public string? Reason { get; init; }
    public string? Href { get; init; }
}
