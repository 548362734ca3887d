namespace ModelRegistry.Core.Tracking;

/// <summary>Tags that clients write and the registry reads.</summary>
public static class WellKnownTags
{
    public const string RunName = "mlflow.runName";
    public const string ParentRunId = "mlflow.parentRunId";
    public const string User = "mlflow.user";
    public const string Note = "mlflow.note.content";
    public const string SourceName = "mlflow.source.name";
    public const string SourceType = "mlflow.source.type";
    public const string GitCommit = "mlflow.source.git.commit";
    public const string GitBranch = "mlflow.source.git.branch";
    public const string GitRepository = "mlflow.source.git.repoURL";
    public const string GitDirty = "mlflow.source.git.dirty";
    public const string DataContext = "mlflow.data.context";
    public const string LoggedModelHistory = "mlflow.log-model.history";
}
