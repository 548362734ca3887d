namespace ModelRegistry.Core.Tracking.Store;

/// <summary>
/// The write side of runs on one kind of database. Called by one thread at a time.
/// </summary>
internal interface ITrackingStore : IDisposable
{
    /// <summary>
    /// Carries out a group in one transaction and returns when it is durable. A write that the rules refuse gets its
    /// <see cref="RunWrite.Failure"/> and harms no other; an exception means that nothing of the group was written.
    /// </summary>
    void Write(IReadOnlyList<RunWrite> group);
}
