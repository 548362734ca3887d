using System.Globalization;
using System.Text.Json;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Registry;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>Models and versions in MLflow's words.</summary>
internal static class RegistryJson
{
    private static readonly string[] StageNames = ["None", "Staging", "Production", "Archived"];

    public static void WriteModel(Utf8JsonWriter w, RegisteredModelDetails details)
    {
        var model = details.Model;
        w.WriteStartObject();
        w.WriteString("name", model.Name);
        w.WriteNumber("creation_timestamp", model.CreatedMs);
        w.WriteNumber("last_updated_timestamp", model.UpdatedMs);
        if (model.Description.Length > 0)
            w.WriteString("description", model.Description);
        w.WriteList("latest_versions", details.LatestVersions, WriteVersion);
        w.WriteTags("tags", model.Tags.Select(t => (t.Key, t.Value)));
        w.WriteList("aliases", model.Aliases, static (w, alias) =>
        {
            w.WriteStartObject();
            w.WriteString("alias", alias.Alias);
            w.WriteString("version", Text(alias.Number));
            w.WriteEndObject();
        });
        w.WriteEndObject();
    }

    public static void WriteVersion(Utf8JsonWriter w, ModelVersion version)
    {
        w.WriteStartObject();
        w.WriteString("name", version.Model.Name);
        w.WriteString("version", Text(version.Number));
        w.WriteNumber("creation_timestamp", version.CreatedMs);
        w.WriteNumber("last_updated_timestamp", version.UpdatedMs);
        w.WriteString("current_stage", StageNames[(int)version.Stage]);
        w.WriteString("description", version.Description);
        w.WriteString("source", version.Source);
        w.WriteString("run_id", version.RunUuid);
        w.WriteString("status", version.Status switch
        {
            ModelVersionStatus.PendingRegistration => "PENDING_REGISTRATION",
            ModelVersionStatus.FailedRegistration => "FAILED_REGISTRATION",
            _ => "READY",
        });
        if (version.StatusMessage is { } message)
            w.WriteString("status_message", message);
        w.WriteTags("tags", version.Tags.Select(t => (t.Key, t.Value)));
        w.WriteString("run_link", version.RunLink);
        if (version.Aliases.Count > 0)
        {
            w.WriteStartArray("aliases");
            foreach (var alias in version.Aliases)
                w.WriteStringValue(alias.Alias);
            w.WriteEndArray();
        }

        if (version.LoggedModelUuid.Length > 0)
            w.WriteString("model_id", version.LoggedModelUuid);
        w.WriteEndObject();
    }

    /// <summary>Any case; the pages' name for None too.</summary>
    public static ModelStage Stage(string name)
    {
        var index = Array.FindIndex(StageNames, s => s.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (index >= 0)
            return (ModelStage)index;
        return name.Equals(nameof(ModelStage.Experiment), StringComparison.OrdinalIgnoreCase)
            ? ModelStage.Experiment
            : throw new InvalidArgumentException("stage",
                $"Invalid Model Version stage: {name}. Value must be one of {string.Join(", ", StageNames)}.");
    }

    /// <summary>A string on the wire; what is no number is said to be none, what is too large does not exist.</summary>
    public static int VersionNumber(MlflowObject body)
    {
        var text = body.RequiredString("version");
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            throw new InvalidArgumentException("version", $"Parameter 'version' must be an integer, got '{text}'.");
        return number is > 0 and <= int.MaxValue ? (int)number : 0;
    }

    public static IReadOnlyList<Tag> Tags(MlflowObject body) => [.. body.KeyValues("tags").Select(t => new Tag(t.Key, t.Value))];

    public static Tag Tag(MlflowObject body) => new(body.RequiredString("key"), body.String("value") ?? "");

    /// <param name="most">The largest page that may be asked for.</param>
    public static RegistryQuery Query(MlflowObject body, int defaultSize, int most)
    {
        var size = body.Int64("max_results") ?? defaultSize;
        if (size < 1)
        {
            throw new InvalidArgumentException("max_results",
                $"Invalid value for max_results. It must be a positive integer, but got {size}");
        }

        if (size > most)
        {
            throw new InvalidArgumentException("max_results",
                $"Invalid value \"{size}\" for parameter 'max_results' supplied: it must be at most {most}.");
        }

        return new RegistryQuery((int)size)
        {
            Filter = body.String("filter"),
            OrderBy = body.Strings("order_by"),
            PageToken = body.String("page_token"),
        };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
