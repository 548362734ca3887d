namespace ModelRegistry.Core.Common;

/// <summary>
/// A setting has a value that is not allowed. Stops the start; the message is for whoever runs the server, and names the
/// key and what is allowed.
/// </summary>
public sealed class ConfigurationException(string message, Exception? inner = null) : Exception(message, inner);
