using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Web.Hosting;

namespace ModelRegistry.Web.Cli;

/// <summary>What a verb reads and writes, and the registry it works on.</summary>
/// <param name="Settings">`--Key=value`, besides what the surroundings set.</param>
internal sealed record CommandConsole(TextReader In, TextWriter Out, TextWriter Error, string[] Settings)
{
    public static readonly CommandConsole System = new(Console.In, Console.Out, Console.Error, []);

    /// <summary>
    /// Runs an action with the services of the registry, as the registry itself. A refusal is one line on standard error.
    /// </summary>
    /// <param name="prepare">Brings the schema up to date first.</param>
    public async Task<int> RunAsync(Func<IServiceProvider, CancellationToken, Task<int>> action, CancellationToken ct, bool prepare = true)
    {
        try
        {
            var builder = RegistryHost.CreateBuilder(Settings);
            builder.Logging.ClearProviders();
            builder.Logging.SetMinimumLevel(LogLevel.Warning);
            builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
            builder.AddRegistry();
            await using var app = builder.Build();
            if (prepare)
                await app.PrepareRegistryAsync();
            await using var scope = app.Services.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<CurrentUserHolder>().User = CurrentUser.System;
            return await action(scope.ServiceProvider, ct);
        }
        catch (Exception e) when (e is RegistryException or ConfigurationException)
        {
            await Error.WriteLineAsync(e.Message);
            return RegistryCommand.WrongInput;
        }
    }
}
