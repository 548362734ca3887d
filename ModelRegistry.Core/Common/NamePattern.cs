namespace ModelRegistry.Core.Common;

/// <summary>A pattern of names: `*` stands for any run of characters, everything else for itself, case included.</summary>
public static class NamePattern
{
    public const int MaxLength = 256;

    /// <summary>Without backtracking over more than the last star: the time is bounded by the product of the lengths.</summary>
    public static bool Matches(string pattern, string name)
    {
        int p = 0, n = 0, star = -1, retry = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                retry = n;
            }
            else if (p < pattern.Length && pattern[p] == name[n])
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++retry;
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }

    /// <exception cref="InvalidArgumentException">It is empty, too long, or has control characters.</exception>
    public static void Require(string field, string pattern)
    {
        if (pattern.Length is 0 or > MaxLength || pattern.Any(char.IsControl))
            throw new InvalidArgumentException(field, $"A pattern has 1 to {MaxLength} characters; * stands for any run of them.");
    }
}
