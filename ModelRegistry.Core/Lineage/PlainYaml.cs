using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ModelRegistry.Core.Lineage;

/// <summary>
/// YAML as plain data: maps, lists and texts. Types are not looked up, tags mean nothing, and references to anchors are
/// refused: a small file that stands for a huge one stays small.
/// </summary>
internal static class PlainYaml
{
    private const int MaxDepth = 32;
    private const int MaxNodes = 50_000;

    /// <exception cref="FormatException">It is no map, or goes over a limit.</exception>
    /// <exception cref="YamlException">It is no YAML.</exception>
    public static Dictionary<string, object?> Read(string text)
    {
        var parser = new Parser(new StringReader(text));
        parser.Consume<StreamStart>();
        if (!parser.Accept<DocumentStart>(out _))
            throw new FormatException("it is empty");
        parser.Consume<DocumentStart>();
        var nodes = 0;
        return Read(parser, 0, ref nodes) as Dictionary<string, object?> ?? throw new FormatException("it is not a map");
    }

    private static object? Read(Parser parser, int depth, ref int nodes)
    {
        if (depth > MaxDepth)
            throw new FormatException($"it is nested more than {MaxDepth} levels deep");
        if (++nodes > MaxNodes)
            throw new FormatException($"it has more than {MaxNodes} values");
        if (parser.TryConsume<Scalar>(out var scalar))
            return scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null" ? null : scalar.Value;
        if (parser.TryConsume<SequenceStart>(out _))
        {
            var list = new List<object?>();
            while (!parser.TryConsume<SequenceEnd>(out _))
                list.Add(Read(parser, depth + 1, ref nodes));
            return list;
        }

        if (parser.TryConsume<MappingStart>(out _))
        {
            var map = new Dictionary<string, object?>(StringComparer.Ordinal);
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var key = Read(parser, depth + 1, ref nodes) as string ?? throw new FormatException("it has a key that is no text");
                map[key] = Read(parser, depth + 1, ref nodes);
            }

            return map;
        }

        throw new FormatException("it refers to an anchor");
    }
}
