using System.Security.Cryptography;
using System.Text;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Artifacts;

public sealed class PinningVersionsTests
{
    [SkippableTheory, OnEachDatabase]
    public async Task A_directory_is_pinned_with_paths_below_it_and_a_digest_that_anybody_can_make(DatabaseProvider provider)
    {
        await using var files = await ArtifactDatabase.CreateAsync(provider);
        foreach (var (path, text) in new[] { ("mödel-🎉/ü.txt", "1"), ("mödel-🎉/a/b", "22"), ("mödel-🎉/Z", "333"), ("mödel-🎉x", "no"), ("other", "no") })
            await files.UploadAsync("run/1", path, text);
        var version = Guid.NewGuid();

        var pinned = await files.PinAsync(version, "run/1", "mödel-🎉");

        var lines = new[] { ("Z", "333"), ("a/b", "22"), ("ü.txt", "1") }
            .Select(f => $"{f.Item1}\0{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(f.Item2)))}\n");
        pinned.ShouldBe(new PinnedFiles(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines)))), 3, 6));
        var root = ArtifactRoots.OfVersion(version);
        (await files.ReadAsync(root, "ü.txt")).ShouldBe("1");
        (await files.ReadAsync(root, "a/b")).ShouldBe("22");
        (await files.ReadAsync(root, "other")).ShouldBeNull();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_whole_tree_and_a_single_file_can_be_pinned(DatabaseProvider provider)
    {
        await using var files = await ArtifactDatabase.CreateAsync(provider);
        await files.UploadAsync("logged-model/m-1", "MLmodel", "1");
        await files.UploadAsync("logged-model/m-1", "data/x/weights.bin", "2");
        var (whole, single) = (Guid.NewGuid(), Guid.NewGuid());

        (await files.PinAsync(whole, "logged-model/m-1")).FileCount.ShouldBe(2);
        (await files.PinAsync(single, "logged-model/m-1", "data/x/weights.bin")).FileCount.ShouldBe(1);

        (await files.ReadAsync(ArtifactRoots.OfVersion(whole), "data/x/weights.bin")).ShouldBe("2");
        (await files.ReadAsync(ArtifactRoots.OfVersion(single), "weights.bin")).ShouldBe("2");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Nothing_there_pins_nothing(DatabaseProvider provider)
    {
        await using var files = await ArtifactDatabase.CreateAsync(provider);
        await files.UploadAsync("run/1", "a", "1");

        (await files.PinAsync(Guid.NewGuid(), "run/none")).FileCount.ShouldBe(0);
        (await files.PinAsync(Guid.NewGuid(), "run/1", "none")).FileCount.ShouldBe(0);
    }

    [Fact]
    public void The_digest_depends_on_paths_and_contents_and_not_on_the_order()
    {
        var (x, y) = (BlobKey.Of(SHA256.HashData("x"u8)), BlobKey.Of(SHA256.HashData("y"u8)));

        ArtifactPins.DigestOf([("a", x), ("b", y)]).ShouldBe(ArtifactPins.DigestOf([("b", y), ("a", x)]));
        ArtifactPins.DigestOf([("a", x), ("b", y)]).ShouldNotBe(ArtifactPins.DigestOf([("a", y), ("b", x)]));
        ArtifactPins.DigestOf([("a", x)]).ShouldNotBe(ArtifactPins.DigestOf([("b", x)]));
        // By bytes, not by UTF-16 units: U+FF61 comes before U+1F389.
        ArtifactPins.DigestOf([("\uFF61", x), ("🎉", y)]).ShouldBe(Convert.ToHexStringLower(SHA256.HashData(
            Encoding.UTF8.GetBytes($"\uFF61\0{x.Hex}\n🎉\0{y.Hex}\n"))));
    }
}
