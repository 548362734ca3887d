namespace ModelRegistry.Core.Registry;

/// <summary>What a version gets: a stage or an alias; exactly one of the two is set.</summary>
public sealed record MoveTarget(ModelStage? Stage, string? Alias)
{
    public static MoveTarget To(ModelStage stage) => new(stage, null);

    public static MoveTarget At(string alias) => new(null, alias);

    public override string ToString() => Stage?.ToString() ?? "@" + Alias;
}

/// <summary>A version is about to get a stage or an alias, or to lose it.</summary>
public sealed record VersionMove(ModelVersion Version, MoveTarget Target, bool IsLeaving = false);

/// <summary>
/// Asked before a stage or an alias moves, in the transaction of the move and with the model's row held, whoever asks
/// and by whichever door. The registry knows no policies; whoever does implements this.
/// </summary>
public interface IMoveGate
{
    /// <exception cref="Common.PolicyNotMetException">A policy does not let the caller do this.</exception>
    Task RequireAsync(RegisteredModel model, IReadOnlyList<VersionMove> moves, CancellationToken ct);

    /// <exception cref="Common.ForbiddenException">The new name would take the model out of a policy's reach.</exception>
    Task RequireRenameAsync(RegisteredModel model, string newName, CancellationToken ct);
}
