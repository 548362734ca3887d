namespace ModelRegistry.Core.Holds;

/// <summary>A policy as the ledger has it: whole, as it was after each change.</summary>
public interface IWrittenPolicy
{
    long Id { get; set; }
    /// <summary>Rows get other numbers when they come back.</summary>
    Guid PolicyUuid { get; }
    string Name { get; set; }
    bool IsEnabled { get; }
    /// <summary>Higher after each change, whatever the clock says: it tells which of two is the later.</summary>
    long UpdatedMs { get; }
}
