using System.Globalization;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Registry;

/// <summary>
/// The `source` of a version as its parts. The text is checked and kept, never normalised: what is stored is what was
/// checked. The rules and their wording are MLflow's, where it has them.
/// </summary>
internal sealed record VersionSource(string Text, string Scheme, string Path)
{
    private const int MaxDecodings = 10;

    /// <summary>Of `models:/m-…`.</summary>
    public string? LoggedModelId => Scheme == "models" && Path.StartsWith("m-", StringComparison.Ordinal) && !Path.Contains('/') ? Path : null;

    /// <summary>Of `models:/{name}/{number}`.</summary>
    public (string Name, int Number)? Version
    {
        get
        {
            if (Scheme != "models" || Path.LastIndexOf('/') is not (> 0 and var slash))
                return null;
            return int.TryParse(Path.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? (Path[..slash], number)
                : null;
        }
    }

    /// <summary>Of `runs:/{run id}/{path}`.</summary>
    public (string RunId, string Path)? Run => Scheme == "runs" && Path.IndexOf('/') is > 0 and var slash
        ? (Path[..slash], Path[(slash + 1)..].Trim('/'))
        : null;

    /// <summary>Of `mlflow-artifacts:/{location}`: a place in this registry. One with a host is another server's.</summary>
    public string? Location => Scheme == "mlflow-artifacts" && !Text.StartsWith("mlflow-artifacts://", StringComparison.OrdinalIgnoreCase)
        ? Path.Trim('/')
        : null;

    /// <param name="ofPrompt">A prompt's source is a word that stands for nothing.</param>
    /// <exception cref="InvalidArgumentException">A local path, or a URI with relative references in any encoding.</exception>
    public static VersionSource Parse(string text, bool ofPrompt)
    {
        NameRules.RequireMaxLength("source", text, ModelVersion.MaxSourceLength);
        var colon = text.IndexOf(':');
        var scheme = colon > 1 && IsScheme(text.AsSpan(0, colon)) ? text[..colon].ToLowerInvariant() : "";
        if (scheme.Length == 0 && ofPrompt && !text.StartsWith('/') && !text.Contains(".."))
            return new VersionSource(text, "", text);
        if (scheme is "" or "file")
            throw Local(text, scheme, ofPrompt);
        var rest = text[(colon + 1)..];
        RefuseRelative(text, rest);
        return new VersionSource(text, scheme, rest.TrimStart('/'));
    }

    // `C:\model` is a path too: a scheme has two letters at least.
    private static bool IsScheme(ReadOnlySpan<char> text) =>
        char.IsAsciiLetter(text[0]) && text.IndexOfAnyExcept(SchemeCharacters) < 0;

    private static readonly System.Buffers.SearchValues<char> SchemeCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    private static InvalidArgumentException Local(string text, string scheme, bool ofPrompt)
    {
        if (ofPrompt)
        {
            return new InvalidArgumentException("source",
                $"Invalid prompt source: '{text}'. Local source paths are not allowed for prompts.");
        }

        var path = scheme.Length == 0 ? text : text[(scheme.Length + 1)..];
        if (path.StartsWith("///", StringComparison.Ordinal))
            path = path[2..];
        return new InvalidArgumentException("source", $"Invalid model version source: '{path}'. To use a local path as a model "
            + "version source, the run_id request parameter has to be specified and the local path has to be contained within "
            + "the artifact directory of the run specified by the run_id. (This registry keeps no artifacts under local paths.)");
    }

    private static void RefuseRelative(string text, string rest)
    {
        var refusal = new InvalidArgumentException("source", $"Invalid model version source: '{text}'. If supplying a source as an "
            + "http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without "
            + "relative path references present. Please provide an absolute path.");
        for (var i = 0; ; i++)
        {
            if (rest.Any(char.IsControl) || rest.Contains('#') || rest.Split('/', '\\').Any(s => s is "." or ".."))
                throw refusal;
            var decoded = Uri.UnescapeDataString(rest);
            if (decoded == rest)
                break;
            if (i == MaxDecodings)
                throw refusal;
            rest = decoded;
        }

        // Absolute: something after a slash, and after the host where there is one.
        var path = rest.StartsWith("//", StringComparison.Ordinal) && rest.IndexOf('/', 2) is var slash ? slash < 0 ? "" : rest[slash..] : rest;
        if (!path.StartsWith('/') || path.Trim('/').Length == 0)
            throw refusal;
    }
}
