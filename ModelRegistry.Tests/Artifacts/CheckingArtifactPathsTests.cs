using ModelRegistry.Core.Artifacts;

namespace ModelRegistry.Tests.Artifacts;

public sealed class CheckingArtifactPathsTests
{
    public static TheoryData<string> Good => new()
    {
        "a", "model/MLmodel", "a b.txt", "ü.txt", "100%.txt", "50%25.txt", "a#b.txt", "c?d", "x;y", "a+b", "...", ".hidden", "a..b",
        "log_2026-01-01T10:00:00.txt", "emoji-🎉.png", "e\u0301.txt", new string('a', 255), "console.txt", "nul_values.csv",
        "%d.txt", "a%zz", string.Join('/', Enumerable.Repeat("d", 400)),
    };

    [Theory, MemberData(nameof(Good))]
    public void Names_that_files_have_are_taken_as_they_are(string text) =>
        ArtifactPath.Parse(text).Value.ShouldBe(text);

    public static TheoryData<string> Bad => new()
    {
        "", ".", "..", "/", "/etc/passwd", "//host/share", "a//b", "a/", "./a", "a/./b", "a/../b", "../../../../tmp/secret.txt", " ..", ".. /",
        "..\\..\\x", "a/..\\x", "\\\\host\\share", "\\\\?\\C:\\x", "C:x", "C:/x", "C:\\x", "a/d:b",
        "file:///etc/passwd", "http://127.0.0.1:1/x", "a#../../x", "a?../../x", "a;../../x",
        "a\0b", "a\r\nb", "a\u007fb", "a\u0085b", "a\u2028b", "a\u202Eb", "a\u2066b",
        "%2e%2e/x", "a/%2e%2e/x", "%2e%2e%2fetc", "%252e%252e%252fetc", "%25252e%25252e/x", "a%2f%2fb", "a%5cb", "a%00b", "a%250ab", "a%c0%aeb",
        "%u002e%u002e/x", "%2525252525252541",
        "a.txt::$DATA", "NUL", "con.txt", "dir/aux", "COM1.log", "name.", "name ", "dir./x", " name",
        new string('a', 256), new string('a', 801), new string('ü', 128), string.Join('/', Enumerable.Repeat("ü", 401)),
        string.Join('/', Enumerable.Repeat("d", 1000)),
    };

    [Theory, MemberData(nameof(Bad))]
    public void What_could_mean_another_file_somewhere_is_refused_with_the_rule(string text)
    {
        ArtifactPath.TryParse(text, out _, out var reason).ShouldBeFalse();
        reason.ShouldNotBeNullOrEmpty();
        reason.ShouldNotContain("secret");
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_no_text()
    {
        ArtifactPath.TryParse("a\uD800b", out _, out _).ShouldBeFalse();
        ArtifactPath.TryParse("a\uDC00", out _, out _).ShouldBeFalse();
    }

    [Fact]
    public void The_top_is_no_path_and_a_directory_may_end_with_a_slash()
    {
        ArtifactPath.ParseDirectory(null).ShouldBeNull();
        ArtifactPath.ParseDirectory("").ShouldBeNull();
        ArtifactPath.ParseDirectory("a/b/")!.Value.Value.ShouldBe("a/b");
        Should.Throw<Core.Common.InvalidArgumentException>(() => ArtifactPath.ParseDirectory("/"));
        ArtifactPath.ParseDirectory("./a//b/.")!.Value.Value.ShouldBe("a/b");
        ArtifactPath.ParseDirectory("./").ShouldBeNull();
        Should.Throw<Core.Common.InvalidArgumentException>(() => ArtifactPath.ParseDirectory("a/./../b"));
        Should.Throw<Core.Common.InvalidArgumentException>(() => ArtifactPath.ParseDirectory("a/%2e/b"));
    }

    [Fact]
    public void Ancestors_are_the_directories_above()
    {
        ArtifactPath.Parse("a/b/c.txt").Ancestors().ShouldBe(["a", "a/b"]);
        ArtifactPath.Parse("a/b/c.txt").Name.ShouldBe("c.txt");
        ArtifactPath.Parse("c.txt").Ancestors().ShouldBeEmpty();
    }
}
