using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Audit;

/// <summary>
/// What changed on which object. <see cref="Before"/> and <see cref="After"/> hold the changed fields only, and never
/// anything about a person but their id: they are part of the chain and stay for ever.
/// </summary>
public sealed record AuditEntry(string Action, string ObjectKind, string ObjectId)
{
    public object? Before { get; init; }
    public object? After { get; init; }
    public string? Reason { get; init; }
    /// <summary>The model or experiment that it belongs to; null for users, tokens and settings.</summary>
    public AuditScope? Scope { get; init; }

    public static AuditScope ScopeOf(SecurableKind kind, long id) => new(kind, id);
}

/// <summary>An object whose activity is looked for, and whose readers may see it.</summary>
public readonly record struct AuditScope(SecurableKind Kind, long Id);

/// <summary>
/// Adds audit events to the unit of work of a change, so that both are committed or neither. Call it before the
/// SaveChanges of the change, in the same transaction.
/// </summary>
public sealed class AuditTrail(CurrentUserHolder caller, TimeProvider time)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    public void Record(RegistryDbContext db, AuditEntry entry)
    {
        var user = caller.User;
        var added = new AuditEvent
        {
            AtMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            ActorId = user.Id,
            TokenId = user.TokenId,
            Action = entry.Action,
            ObjectKind = entry.ObjectKind,
            ObjectId = entry.ObjectId,
            ScopeKind = entry.Scope?.Kind,
            ScopeId = entry.Scope?.Id,
            Before = Serialize(entry.Before),
            After = Serialize(entry.After),
            Reason = entry.Reason,
        };
        if (caller.Address is { } address)
        {
            var salt = RandomNumberGenerator.GetBytes(16);
            added.OriginDigest = AuditChain.OriginDigest(salt, address);
            added.Origin = new AuditOrigin { Salt = salt, Address = address };
        }

        db.Add(added);
    }

    private static string? Serialize(object? value) => value is null ? null : JsonSerializer.Serialize(value, Json);
}
