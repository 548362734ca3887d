using Microsoft.Extensions.Primitives;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Web.Hosting;

/// <summary>
/// No name has a NUL character, and PostgreSQL takes no text with one: refused before anything is asked. JSON bodies are
/// looked through by their readers, paths by the server.
/// </summary>
internal static class NulCharacters
{
    /// <exception cref="InvalidArgumentException">Names the parameter or field.</exception>
    public static void Refuse(IEnumerable<KeyValuePair<string, StringValues>> parameters)
    {
        foreach (var (name, values) in parameters)
        {
            var shown = name.Replace('\0', '?');
            if (shown != name || values.Any(v => v?.Contains('\0') == true))
                throw new InvalidArgumentException(shown, $"{shown} has a NUL character.");
        }
    }
}
