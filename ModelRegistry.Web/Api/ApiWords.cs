using System.Globalization;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.Api;

/// <summary>What access is granted on.</summary>
internal enum ObjectKind
{
    Experiment,
    RegisteredModel,
}

internal enum PermissionName
{
    Read,
    Edit,
    Manage,
    Promote,
    Approve,
}

internal static class ApiWords
{
    public static SecurableKind ToSecurable(this ObjectKind kind) =>
        kind == ObjectKind.Experiment ? SecurableKind.Experiment : SecurableKind.RegisteredModel;

    public static ObjectKind ToWord(this SecurableKind kind) =>
        kind == SecurableKind.Experiment ? ObjectKind.Experiment : ObjectKind.RegisteredModel;

    public static Permission ToPermissions(this IEnumerable<PermissionName> names) =>
        names.Aggregate(Permission.None, (all, name) => all | Enum.Parse<Permission>(name.ToString()));

    public static IReadOnlyList<PermissionName> ToWords(this Permission permissions) =>
        [.. Enum.GetValues<PermissionName>().Where(n => permissions.HasFlag(Enum.Parse<Permission>(n.ToString())))];

    public static DateTimeOffset ToTime(this long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs);

    /// <summary>A time in a query string, with its offset; a day alone begins at midnight UTC.</summary>
    public static long? TimeMs(string field, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at.ToUnixTimeMilliseconds()
            : throw new Core.Common.InvalidArgumentException(field,
                $"{field} must be a time in ISO 8601, such as 2026-11-24T09:00:00Z or 2026-11-24.");
    }

    /// <summary>A kind in a query string.</summary>
    public static SecurableKind Kind(string? text) => text switch
    {
        "experiment" => SecurableKind.Experiment,
        "registered-model" => SecurableKind.RegisteredModel,
        _ => throw new Core.Common.InvalidArgumentException("kind", "kind must be one of: experiment, registered-model."),
    };
}
