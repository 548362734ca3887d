namespace ModelRegistry.Core.Data;

/// <summary>
/// Runs are numbered by the writer, from blocks that a sequence hands out: no round trip per run, and no join back to
/// find what the database chose. SQLite has no sequences and one writer: it takes the highest id.
/// </summary>
internal static class RunIds
{
    public const string Sequence = "run_ids";
    public const int BlockSize = 1000;
}
