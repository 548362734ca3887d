using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Registry;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Governance;

public static class KeepingLinks
{
    /// <summary>The page of what a hold or lock is on.</summary>
    public static string? Of(Keeping keeping) => keeping.Target switch
    {
        HoldTarget.RegisteredModel => Urls.Model(keeping.TargetName),
        HoldTarget.ModelVersion when RegistryWork.ParseVersionId(keeping.TargetName) is var (name, number) => Urls.Version(name, number),
        HoldTarget.Run => $"/runs/{keeping.TargetName}",
        HoldTarget.Experiment => $"/experiments/{keeping.TargetName}",
        _ => null,
    };

    /// <summary>Where a hold or lock is placed on it: the form is filled in.</summary>
    /// <param name="page">`holds` or `locks`.</param>
    public static string ToPlace(string page, HoldTarget target, string publicId) =>
        $"/governance/{page}?kind={target}&object={Uri.EscapeDataString(publicId)}";
}
