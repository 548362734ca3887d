namespace ModelRegistry.Core.Identity;

/// <summary>What may be done with one object. Stored as a number: values never change their meaning.</summary>
[Flags]
public enum Permission
{
    None = 0,
    Read = 1,
    /// <summary>Log to an experiment; register versions of a model, edit its tags and descriptions.</summary>
    Edit = 2,
    /// <summary>Rename, delete, restore, grant.</summary>
    Manage = 4,
    /// <summary>Move stages and aliases of a model.</summary>
    Promote = 8,
    /// <summary>Decide on requests of others.</summary>
    Approve = 16,
    All = Read | Edit | Manage | Promote | Approve,
}

public enum SecurableKind
{
    Experiment = 1,
    RegisteredModel = 2,
}

/// <summary>An object on which permissions are checked. Runs and logged models are checked as their experiment,
/// versions as their model.</summary>
public readonly record struct Securable(SecurableKind Kind, long Id, string Name, long OwnerId, bool IsPrivate)
{
    public string Display => Kind == SecurableKind.Experiment ? $"experiment '{Name}'" : $"registered model '{Name}'";
}

/// <summary>Rights on the registry as a whole.</summary>
public enum InstanceRight
{
    CreateExperiment,
    CreateRegisteredModel,
    ViewAudit,
    Govern,
    /// <summary>Place and release legal holds; place and extend retention locks.</summary>
    ManageHolds,
    /// <summary>Ask that a governance lock ends before its day.</summary>
    BypassRetention,
    Administer,
}
