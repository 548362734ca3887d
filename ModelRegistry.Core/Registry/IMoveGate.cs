namespace ModelRegistry.Core.Registry;

/// <summary>What a version gets: a stage or an alias; exactly one of the two is set.</summary>
public sealed record MoveTarget(VersionStage? Stage, string? Alias)
{
    public static MoveTarget To(VersionStage stage) => new(stage, null);

    public static MoveTarget At(string alias) => new(null, alias);

    public TargetName Named => new(Stage?.Name, Alias);

    public override string ToString() => Stage?.Name ?? "@" + Alias;
}

/// <param name="After">Null where the stage goes.</param>
public sealed record StageChange(VersionStage Before, VersionStage? After)
{
    /// <summary>What is in it would be somewhere else for those who know the four only.</summary>
    public bool IsMoreThanAName => After?.Kind != Before.Kind;
}

/// <summary>A target as people name it: whether the model has such a stage is seen when the model is known.</summary>
public sealed record TargetName(string? Stage, string? Alias)
{
    internal MoveTarget On(RegisteredModel model) => Stage is { } name ? MoveTarget.To(model.Stages.Get("stage", name)) : MoveTarget.At(Alias!);
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

    /// <summary>Stages of a model are about to get another name or kind, or to go; what is asked for them follows.</summary>
    /// <exception cref="Common.ForbiddenException">A policy names one of them.</exception>
    /// <exception cref="Common.ConflictException">A move into one that would not be there any more is asked for.</exception>
    Task RequireStagesAsync(RegisteredModel model, IReadOnlyList<StageChange> changes, CancellationToken ct);
}
