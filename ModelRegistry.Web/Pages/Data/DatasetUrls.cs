namespace ModelRegistry.Web.Pages.Data;

/// <summary>Addresses and words of data sets. Names and digests are free text of clients: never a part of a path.</summary>
public static class DatasetUrls
{
    public const string Example = "dataset = mlflow.data.from_pandas(df, source=\"s3://…\", name=\"train\")\nmlflow.log_input(dataset, context=\"training\")";

    public static string Uses(string name, string digest) =>
        $"/datasets/uses?name={Uri.EscapeDataString(name)}&digest={Uri.EscapeDataString(digest)}";

    public static string Cut(string source) => source.Length <= 60 ? source : source[..60] + "…";
}
