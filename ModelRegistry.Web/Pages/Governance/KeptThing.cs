using ModelRegistry.Core.Holds;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Governance;

/// <summary>The one thing that a list of holds or locks is about; see <see cref="KeepingLinks.ToList"/>.</summary>
public sealed record KeptThing(HoldTarget Target, string PublicId, string AllUrl)
{
    /// <summary>Null for a list of all.</summary>
    public static KeptThing? Read(TableState table) =>
        Enum.TryParse<HoldTarget>(table.Get("of"), out var target) && Enum.IsDefined(target) && table.Get("on") is { } on
            ? new KeptThing(target, on, table.Path) : null;
}
