using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Artifacts;

public sealed class VerifyingTests
{
    [SkippableTheory, OnEachDatabase]
    public async Task Whole_files_have_no_findings(DatabaseProvider provider)
    {
        await using var files = await ArtifactDatabase.CreateAsync(provider);
        await files.UploadAsync("run/1", "a", "one");
        await files.UploadAsync("run/1", "empty", "");
        await files.PinAsync(Guid.NewGuid(), "run/1");

        (await files.FindingsAsync()).ShouldBeEmpty();
        (await files.FindingsAsync(fast: true)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("flip", "is altered")]
    [InlineData("cut", "bytes instead of")]
    [InlineData("append", "bytes instead of")]
    [InlineData("empty", "bytes instead of")]
    [InlineData("delete", "is missing")]
    public async Task Damage_is_found_and_named_with_its_users(string damage, string message)
    {
        await using var files = await ArtifactDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var content = await files.UploadAsync("run/1", "model/weights", "some content");
        await files.UploadAsync("run/1", "b", "other content");
        var path = Path.Combine(files.Folder, "blobs", content.Key.Path);
        switch (damage)
        {
            case "flip":
                var bytes = File.ReadAllBytes(path);
                bytes[3] ^= 1;
                File.WriteAllBytes(path, bytes);
                break;
            case "cut":
                File.WriteAllText(path, "some");
                break;
            case "append":
                File.AppendAllText(path, "!");
                break;
            case "empty":
                File.WriteAllText(path, "");
                break;
            default:
                File.Delete(path);
                break;
        }

        var finding = (await files.FindingsAsync()).ShouldHaveSingleItem();
        finding.ShouldContain(message);
        finding.ShouldContain(content.Key.Hex);
        finding.ShouldContain("run/1: model/weights");
        (await files.FindingsAsync(fast: true)).Count.ShouldBe(damage == "flip" ? 0 : 1);
        if (damage is "cut" or "empty" or "delete")
            (await Should.ThrowAsync<UnavailableException>(() => files.ReadAsync("run/1", "model/weights"))).Message.ShouldContain("damaged");
    }
}
