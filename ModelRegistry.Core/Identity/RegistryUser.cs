using Microsoft.AspNetCore.Identity;

namespace ModelRegistry.Core.Identity;

/// <summary>A person, or a robot that only ever uses tokens.</summary>
public sealed class RegistryUser : IdentityUser<long>
{
    public const int MaxDisplayNameLength = 100;

    public string DisplayName { get; set; } = "";
    public long CreatedMs { get; set; }

    /// <summary>Neither signs in nor uses tokens; what they made stays.</summary>
    public bool IsDisabled { get; set; }

    /// <summary>Who it was is not known any more; what they did stays under the id.</summary>
    public long? ErasedMs { get; set; }
}
