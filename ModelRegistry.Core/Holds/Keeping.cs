using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Holds;

/// <summary>Something that is on a thing and keeps it from being destroyed: a legal hold or a retention lock.</summary>
public abstract class Keeping
{
    public long Id { get; set; }
    public HoldTarget Target { get; set; }
    public long TargetId { get; set; }
    /// <summary>The model of a version, the experiment of a run or logged model: parents are not destroyed over the heads of their
    /// children.</summary>
    public long? ParentId { get; set; }
    /// <summary>The public id of the target when this was placed, e.g. `name/3`.</summary>
    public required string TargetName { get; set; }

    /// <summary>The model or experiment whose activity a change of this belongs to.</summary>
    public AuditScope Scope => AuditEntry.ScopeOf(
        Target is HoldTarget.RegisteredModel or HoldTarget.ModelVersion ? SecurableKind.RegisteredModel : SecurableKind.Experiment,
        ParentId ?? TargetId);
}
