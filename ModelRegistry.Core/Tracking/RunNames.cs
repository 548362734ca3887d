using System.Globalization;
using System.Security.Cryptography;

namespace ModelRegistry.Core.Tracking;

/// <summary>Names for runs whose author gave none: easy to say and to tell apart.</summary>
internal static class RunNames
{
    private static readonly string[] Qualities =
    [
        "able", "amber", "brave", "bright", "brisk", "calm", "clever", "crisp", "eager", "fair", "fleet", "gentle", "glad",
        "golden", "grand", "keen", "kind", "lively", "lucid", "merry", "mild", "nimble", "noble", "patient", "plucky", "quick",
        "quiet", "rapid", "serene", "sharp", "silver", "sleek", "smart", "solid", "steady", "sunny", "swift", "vivid", "warm", "wise",
    ];

    private static readonly string[] Animals =
    [
        "badger", "bear", "bee", "bison", "crane", "cricket", "crow", "deer", "dolphin", "eagle", "falcon", "finch", "fox", "gecko",
        "hare", "hawk", "heron", "ibex", "jay", "koala", "lark", "lynx", "marten", "mole", "moose", "newt", "otter", "owl", "panda",
        "puffin", "raven", "robin", "seal", "shark", "stork", "swan", "tern", "trout", "whale", "wren",
    ];

    public static string Next() => string.Create(CultureInfo.InvariantCulture,
        $"{Qualities[RandomNumberGenerator.GetInt32(Qualities.Length)]}-{Animals[RandomNumberGenerator.GetInt32(Animals.Length)]}-{RandomNumberGenerator.GetInt32(1000)}");
}
