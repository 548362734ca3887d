namespace ModelRegistry.Tests.Support;

/// <summary>
/// A clock that a test sets ahead. Time goes on by itself and timers run as they do, because the server lives by it too:
/// a clock that stands still would be asked for each tick of three months.
/// </summary>
public sealed class AdvancedClock : TimeProvider
{
    private long _aheadTicks;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _aheadTicks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _aheadTicks));
}
