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

    /// <summary>As tables show it: of ids of 32 digits the beginning.</summary>
    public static string NameOf(Keeping keeping) =>
        keeping.Target is HoldTarget.Run or HoldTarget.LoggedModel && keeping.TargetName.Length > 14 ? keeping.TargetName[..12] + "…" : keeping.TargetName;

    /// <summary>The list of those that are on the same as this one.</summary>
    /// <param name="page">`holds` or `locks`.</param>
    public static string ToList(string page, Keeping keeping) =>
        $"/governance/{page}?of={keeping.Target}&on={Uri.EscapeDataString(keeping.TargetName)}";

    /// <summary>E.g. `held with its experiment`, where the hold is on that.</summary>
    public static string With(string words, Keeping keeping, HeldThing thing) =>
        keeping.Target == thing.Target ? words : $"{words} with its {HoldGuard.Words(keeping.Target)}";

    /// <summary>Where a hold or lock is placed on it: the form is filled in.</summary>
    /// <param name="page">`holds` or `locks`.</param>
    public static string ToPlace(string page, HoldTarget target, string publicId) =>
        $"/governance/{page}?kind={target}&object={Uri.EscapeDataString(publicId)}";
}
