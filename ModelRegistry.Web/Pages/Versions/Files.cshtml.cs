using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Registry;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Versions;

/// <summary>The pinned files of a version, with their digests.</summary>
public sealed class FilesPage(
    RegistryOverviewService overview, FilePlaces places, FileBrowser browser, ArtifactManifest manifest) : RegistryPage
{
    [BindProperty(SupportsGet = true, Name = "name")]
    public string ModelName { get; set; } = "";

    [BindProperty(SupportsGet = true)]
    public int Number { get; set; }

    public ModelVersionOverview Overview { get; private set; } = null!;
    public FilesView? Files { get; private set; }
    public IReadOnlyList<ManifestEntry> Manifest { get; private set; } = [];

    public async Task OnGetAsync(string? path, CancellationToken ct)
    {
        if (await FindPlaceAsync(ct) is not { } place)
            return;
        Files = await browser.BrowseAsync(place, Table.Path, Table.Path, path, ct);
        Manifest = await manifest.ReadAsync(place, VersionFactsReader.MaxFiles, ct);
    }

    public async Task<IActionResult> OnGetDownloadAsync(string? path, CancellationToken ct) =>
        await FindPlaceAsync(ct) is { } place ? new FileDownload(await browser.GetAsync(place, path, ct)) : NotFound();

    public async Task<IActionResult> OnGetImageAsync(string? path, CancellationToken ct) =>
        await FindPlaceAsync(ct) is { } place ? new FileDownload(await browser.GetAsync(place, path, ct)) { IsImage = true } : NotFound();

    private async Task<ArtifactPlace?> FindPlaceAsync(CancellationToken ct)
    {
        Overview = await overview.VersionAsync(ModelName, Number, ct);
        return await places.OfVersionAsync(Overview.Version, ct);
    }
}
