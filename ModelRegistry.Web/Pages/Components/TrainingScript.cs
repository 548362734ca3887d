namespace ModelRegistry.Web.Pages.Components;

/// <summary>The shortest script that fills every page: offered where something is empty.</summary>
public static class TrainingScript
{
    public static string For(string experiment) => $"""
        import mlflow

        mlflow.set_experiment({Python(experiment)})
        with mlflow.start_run():
            mlflow.log_param("learning_rate", 0.01)
            for step in range(20):
                mlflow.log_metric("loss", 1 / (step + 1), step=step)
        """;

    /// <summary>For a script that runs already.</summary>
    public const string DatasetInput = "dataset = mlflow.data.from_pandas(df, source=\"s3://…\", name=\"train\")\nmlflow.log_input(dataset, context=\"training\")";

    public static string Python(string text) => "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";
}
