namespace ModelRegistry.Core.Common;

/// <summary>Text in comma-separated values.</summary>
public static class Csv
{
    /// <summary>Quoted where it must be. Spreadsheets run what begins like a formula: such text gets an apostrophe first.</summary>
    public static string Cell(string text)
    {
        if (text.Length > 0 && "=+-@\t\r".Contains(text[0])
            && !double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out _))
        {
            text = "'" + text;
        }

        return text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
    }
}
