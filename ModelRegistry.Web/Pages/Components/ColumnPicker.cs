namespace ModelRegistry.Web.Pages.Components;

/// <summary>What the `_ColumnPicker` partial offers; the choice is `column=` in the address, once for each.</summary>
public sealed record ColumnPicker(TableState State, IReadOnlyList<ColumnGroup> Groups, IReadOnlySet<string> Chosen);

public sealed record ColumnGroup(string Title, IReadOnlyList<ColumnChoice> Columns);

public sealed record ColumnChoice(string Key, string Label);
