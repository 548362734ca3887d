using System.Globalization;
using System.Text;
using System.Text.Json;
using ModelRegistry.Core.Artifacts;
using YamlDotNet.Core;

namespace ModelRegistry.Core.Lineage;

/// <summary>Reads the `MLmodel` file of a model, and its environment files, with limits: they are a stranger's input.</summary>
public sealed class ModelFileReader(ArtifactService artifacts)
{
    private const int MaxModelBytes = 1024 * 1024;
    private const int MaxRequirementsBytes = 256 * 1024;
    private const int MaxFields = 5000;
    private static readonly string[] EnvironmentNames = ["conda.yaml", "python_env.yaml", "requirements.txt"];

    /// <summary>Null where the directory has no `MLmodel`.</summary>
    /// <param name="directory">The top of the model's files.</param>
    public async Task<ModelFile?> ReadAsync(ArtifactPlace directory, CancellationToken ct)
    {
        if (await FindAsync(directory, "MLmodel", ct) is not { } found)
            return null;
        ModelFile model;
        if (found.SizeBytes > MaxModelBytes)
            model = new ModelFile { Problem = $"MLmodel has more than {MaxModelBytes / 1024} KiB, so it was not read." };
        else
            model = Parse(await ReadTextAsync(found, ct));
        return await WithEnvironmentAsync(model, directory, ct);
    }

    /// <summary>What a text says; its own problem where it says nothing.</summary>
    public static ModelFile Parse(string text)
    {
        Dictionary<string, object?> root;
        try
        {
            root = PlainYaml.Read(text);
        }
        catch (Exception e) when (e is YamlException or FormatException)
        {
            return new ModelFile { Problem = $"MLmodel could not be read: {Shorten(e.Message)}" };
        }

        var flavors = Map(root, "flavors").Select(f => new ModelFlavor(f.Key, Settings(f.Value))).ToList();
        var problems = new List<string>();
        var signature = Map(root, "signature");
        return new ModelFile
        {
            Flavors = flavors,
            Inputs = Fields(signature, "inputs", problems),
            Outputs = Fields(signature, "outputs", problems),
            Params = Fields(signature, "params", problems),
            MlflowVersion = Text(root, "mlflow_version"),
            PythonVersion = flavors.SelectMany(f => f.Settings).FirstOrDefault(s => s.Key == "python_version").Value,
            RunId = Text(root, "run_id"),
            LoggedModelId = Text(root, "model_id"),
            CreatedUtc = Text(root, "utc_time_created"),
            SizeBytes = long.TryParse(Text(root, "model_size_bytes"), CultureInfo.InvariantCulture, out var size) ? size : null,
            Problem = problems.Count == 0 ? null : string.Join(" ", problems),
        };
    }

    private async Task<ModelFile> WithEnvironmentAsync(ModelFile model, ArtifactPlace directory, CancellationToken ct)
    {
        var files = new List<string>();
        List<string> requirements = [];
        foreach (var name in EnvironmentNames)
        {
            if (await FindAsync(directory, name, ct) is not { } file)
                continue;
            files.Add(name);
            if (name == "requirements.txt" && file.SizeBytes <= MaxRequirementsBytes)
            {
                requirements = [.. (await ReadTextAsync(file, ct)).Split('\n').Select(l => l.Trim())
                    .Where(l => l.Length > 0 && l[0] is not ('#' or '-'))];
            }
        }

        return model with { EnvironmentFiles = files, Requirements = requirements };
    }

    private Task<ArtifactContent?> FindAsync(ArtifactPlace directory, string name, CancellationToken ct) =>
        artifacts.FindAsync(directory.At(ArtifactPath.Parse(directory.Path.Length == 0 ? name : $"{directory.Path}/{name}")), ct);

    private async Task<string> ReadTextAsync(ArtifactContent file, CancellationToken ct)
    {
        await using var stream = await artifacts.OpenReadAsync(file, 0, file.SizeBytes, ct);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(ct);
    }

    private static List<SignatureField> Fields(Dictionary<string, object?> signature, string part, List<string> problems)
    {
        if (Text(signature, part) is not { Length: > 0 } json)
            return [];
        try
        {
            using var document = JsonDocument.Parse(json);
            return [.. document.RootElement.EnumerateArray().Take(MaxFields).Select(Field)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            problems.Add($"The signature's {part} could not be read.");
            return [];
        }
    }

    private static SignatureField Field(JsonElement field)
    {
        var name = field.TryGetProperty("name", out var n) ? n.ToString() : "";
        var required = !field.TryGetProperty("required", out var r) || r.ValueKind != JsonValueKind.False;
        var type = field.TryGetProperty("tensor-spec", out var tensor)
            ? $"{Member(tensor, "dtype")} ({string.Join(", ", tensor.TryGetProperty("shape", out var shape) ? shape.EnumerateArray().Select(d => d.ToString()) : [])})"
            : Member(field, "type");
        var optional = field.TryGetProperty("optional", out var o) && o.ValueKind == JsonValueKind.True;
        return new SignatureField(name, type, required && !optional, field.TryGetProperty("default", out var d) ? d.GetRawText() : null);
    }

    private static string Member(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.ToString() : "";

    private static List<KeyValuePair<string, string>> Settings(object? flavor) => flavor is Dictionary<string, object?> map
        ? [.. map.Where(s => s.Value is string).Select(s => KeyValuePair.Create(s.Key, (string)s.Value!))]
        : [];

    private static Dictionary<string, object?> Map(Dictionary<string, object?> parent, string key) =>
        parent.GetValueOrDefault(key) as Dictionary<string, object?> ?? [];

    private static string? Text(Dictionary<string, object?> parent, string key) => parent.GetValueOrDefault(key) as string;

    private static string Shorten(string text) => text.Length <= 200 ? text : text[..200] + "…";
}
