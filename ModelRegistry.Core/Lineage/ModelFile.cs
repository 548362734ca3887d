namespace ModelRegistry.Core.Lineage;

/// <summary>What the files of a model say of how it was made. Read from text alone: nothing is unpickled or run.</summary>
public sealed record ModelFile
{
    public IReadOnlyList<ModelFlavor> Flavors { get; init; } = [];
    public IReadOnlyList<SignatureField> Inputs { get; init; } = [];
    public IReadOnlyList<SignatureField> Outputs { get; init; } = [];
    public IReadOnlyList<SignatureField> Params { get; init; } = [];
    public string? MlflowVersion { get; init; }
    public string? PythonVersion { get; init; }
    public string? RunId { get; init; }
    public string? LoggedModelId { get; init; }
    /// <summary>As the client wrote it, in UTC.</summary>
    public string? CreatedUtc { get; init; }
    public long? SizeBytes { get; init; }
    /// <summary>Those of `conda.yaml`, `python_env.yaml` and `requirements.txt` that are there.</summary>
    public IReadOnlyList<string> EnvironmentFiles { get; init; } = [];
    /// <summary>The lines of `requirements.txt` that name packages.</summary>
    public IReadOnlyList<string> Requirements { get; init; } = [];
    /// <summary>Why parts are missing, for the reader of a page; null where all was understood.</summary>
    public string? Problem { get; init; }
}

/// <summary>A way to load the model, such as `python_function` or `sklearn`, with its settings that are plain values.</summary>
public sealed record ModelFlavor(string Name, IReadOnlyList<KeyValuePair<string, string>> Settings);

/// <summary>A column, tensor or parameter of a signature.</summary>
/// <param name="Name">Empty where it has none.</param>
/// <param name="Type">`double`, or for tensors `float64 (-1, 28, 28)`.</param>
/// <param name="Default">Of parameters, as JSON.</param>
public sealed record SignatureField(string Name, string Type, bool IsRequired, string? Default);
