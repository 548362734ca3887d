namespace ModelRegistry.Core.Common;

/// <summary>
/// A request that the registry refuses, said so that the caller can mend it. Translated at the three edges (MLflow's
/// wire format, /api/v1's problem details, the pages) and nowhere else. Messages name the field and the rule, and hold
/// neither SQL nor secrets. They may quote what was sent: of a long one the middle is left out.
/// </summary>
public abstract class RegistryException(string message, Exception? inner = null)
    : Exception(NameRules.Shorten(message, MaxMessageLength), inner)
{
    public const int MaxMessageLength = 1900;
}

/// <summary>The thing does not exist, or must not be known to exist by this caller.</summary>
public sealed class NotFoundException(string noun, string name, string? message = null)
    : RegistryException(message ?? $"{noun} '{name}' not found")
{
    public string Noun { get; } = noun;
    public string Name { get; } = name;
}

/// <summary>The name is taken.</summary>
public sealed class AlreadyExistsException(string noun, string name, string? message = null)
    : RegistryException(message ?? $"{noun} '{name}' already exists.")
{
    public string Noun { get; } = noun;
    public string Name { get; } = name;
}

/// <summary>A value breaks a rule. <see cref="Field"/> is the name the caller used for it.</summary>
public sealed class InvalidArgumentException(string field, string message) : RegistryException(message)
{
    public string Field { get; } = field;
}

/// <summary>The thing is in a state that does not allow this.</summary>
public sealed class ConflictException(string noun, string name, string message) : RegistryException(message)
{
    public string Noun { get; } = noun;
    public string Name { get; } = name;
}

/// <summary>The caller is known and may not do this.</summary>
public sealed class ForbiddenException(string message) : RegistryException(message);

/// <param name="Policy">Its name.</param>
/// <param name="Check">Its kind, e.g. `metric`.</param>
/// <param name="Rule">What is asked for, in words.</param>
/// <param name="Found">What is there instead.</param>
public sealed record FailedCheck(string Policy, string Check, string Rule, string Found);

/// <summary>A policy asks for something that is not there (yet).</summary>
public sealed class PolicyNotMetException(string message, IReadOnlyList<FailedCheck> checks) : RegistryException(message)
{
    public IReadOnlyList<FailedCheck> Checks { get; } = checks;
}

/// <summary>Not possible now; the same request may succeed later.</summary>
public sealed class UnavailableException(string message, Exception? inner = null) : RegistryException(message, inner);

/// <summary>There is no room to keep what was sent. Not worth a retry until somebody makes room.</summary>
public sealed class StorageFullException(string message, Exception? inner = null) : RegistryException(message, inner);

/// <summary>A legal hold or a retention lock is on the thing: nobody destroys it. One of the two ids is set.</summary>
public sealed class HeldException(string noun, string name, string message) : RegistryException(message)
{
    public string Noun { get; } = noun;
    public string Name { get; } = name;
    public Guid? HoldId { get; init; }
    public Guid? LockId { get; init; }
}
