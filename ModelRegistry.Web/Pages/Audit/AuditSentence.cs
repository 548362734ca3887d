using System.Text.Json;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Registry;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Audit;

/// <summary>A field that changed.</summary>
public sealed record AuditChange(string Field, string? Before, string? After);

/// <summary>An event in plain language. What is not known here is still said, from its own words.</summary>
public sealed record AuditSentence(string Verb, string Noun, string Name, string? Href, string Icon, string Tone)
{
    private static readonly Dictionary<string, string> Nouns = new()
    {
        ["registered-model"] = "model",
        ["model-version"] = "version",
        ["experiment"] = "experiment",
        ["run"] = "run",
        ["logged-model"] = "logged model",
        ["user"] = "user",
        ["api-token"] = "access token",
        ["token"] = "access token",
        ["team"] = "team",
        ["grant"] = "permission",
        ["artifact"] = "files",
        ["setting"] = "setting",
        ["promotion-policy"] = "promotion policy",
        ["approval"] = "request for approval",
        ["legal-hold"] = "legal hold",
        ["retention-lock"] = "retention lock",
        ["erasure-case"] = "erasure case",
    };

    private static readonly Dictionary<string, (string Verb, string Icon, string Tone)> Verbs = new()
    {
        ["created"] = ("created", "plus", "blue"),
        ["registered"] = ("registered", "plus", "blue"),
        ["deleted"] = ("deleted", "trash", "red"),
        ["restored"] = ("restored", "undo", "green"),
        ["requested"] = ("made", "plus", "blue"),
        ["approved"] = ("approved", "check", "green"),
        ["rejected"] = ("rejected", "x", "red"),
        ["withdrawn"] = ("withdrew", "undo", "slate"),
        ["expired"] = ("closed as expired", "clock", "slate"),
        ["commented"] = ("commented on", "dot", "grey"),
        ["placed"] = ("placed", "lock", "amber"),
        ["placed-again"] = ("placed again, from the ledger,", "lock", "amber"),
        ["brought-back"] = ("brought back, from the ledger,", "undo", "amber"),
        ["released"] = ("released", "undo", "slate"),
        ["extended"] = ("extended", "lock", "amber"),
        ["bypass-requested"] = ("asked to bypass", "alert", "red"),
        ["bypassed"] = ("agreed to bypass", "alert", "red"),
        ["bypass-rejected"] = ("refused to bypass", "x", "slate"),
        ["erased"] = ("erased", "x", "red"),
        ["renamed"] = ("renamed", "edit", "grey"),
        ["revoked"] = ("revoked", "x", "red"),
        ["disabled"] = ("disabled", "lock", "red"),
        ["enabled"] = ("enabled", "check", "green"),
        ["tag-set"] = ("set a tag of", "tag", "grey"),
        ["tag-deleted"] = ("removed a tag of", "tag", "grey"),
        ["description-changed"] = ("described", "edit", "grey"),
        ["visibility-changed"] = ("changed who sees", "lock", "amber"),
        ["stage-changed"] = ("moved the stage of", "check", "green"),
        ["stages-changed"] = ("changed the stages of", "edit", "amber"),
        ["alias-set"] = ("set an alias of", "at", "grey"),
        ["alias-deleted"] = ("removed an alias of", "at", "slate"),
        ["roles-changed"] = ("changed the roles of", "users", "amber"),
        ["mails-chosen"] = ("chose the mails of", "bell", "grey"),
        ["password-changed"] = ("changed the password of", "key", "amber"),
    };

    public static IEnumerable<KeyValuePair<string, string>> Kinds => Nouns;

    public static IEnumerable<string> Changes => Verbs.Keys;

    public static AuditSentence Of(AuditEvent e)
    {
        var change = e.Action[(e.Action.IndexOf('.') + 1)..];
        var (verb, icon, tone) = Verbs.TryGetValue(change, out var known) ? known : (change.Replace('-', ' ') + ":", "dot", "grey");
        return new AuditSentence(verb, Nouns.GetValueOrDefault(e.ObjectKind, e.ObjectKind.Replace('-', ' ')), e.ObjectId, Link(e), icon, tone);
    }

    public static IReadOnlyList<AuditChange> ChangesOf(AuditEvent e)
    {
        var (before, after) = (Fields(e.Before), Fields(e.After));
        return [.. before.Keys.Union(after.Keys).Select(f => new AuditChange(
            f.Replace('_', ' '), before.GetValueOrDefault(f), after.GetValueOrDefault(f)))];
    }

    private static string? Link(AuditEvent e) => e.ObjectKind switch
    {
        "registered-model" => Urls.Model(e.ObjectId),
        "model-version" when RegistryWork.ParseVersionId(e.ObjectId) is var (name, number) => Urls.Version(name, number),
        "experiment" => "/experiments/" + e.ObjectId,
        "run" => "/runs/" + e.ObjectId,
        "approval" => "/governance/approvals/" + e.ObjectId,
        "erasure-case" => "/governance/erasure/" + e.ObjectId,
        _ => null,
    };

    private static Dictionary<string, string> Fields(string? json)
    {
        if (json is null)
            return [];
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Object
            ? document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => Text(p.Value))
            : new Dictionary<string, string> { ["value"] = Text(document.RootElement) };
    }

    private static string Text(JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        return text.Length <= 300 ? text : text[..299] + "…";
    }
}
