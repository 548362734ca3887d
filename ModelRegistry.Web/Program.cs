using ModelRegistry.Core.Common;
using ModelRegistry.Web.Cli;
using ModelRegistry.Web.Hosting;

if (RegistryCommand.IsVerb(args))
    return await RegistryCommand.RunAsync(args, CommandConsole.System);

WebApplication app;
try
{
    var builder = RegistryHost.CreateBuilder(args);
    builder.AddRegistry();
    app = builder.Build();
}
catch (ConfigurationException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return RegistryCommand.WrongInput;
}

// The schema and the routes know nothing of each other, and each takes half a second of a processor.
var prepared = Task.Run(app.PrepareRegistryAsync);
app.UseRegistry();
await prepared;
await app.RunAsync();
return 0;

/// <summary>Named for the tests' host.</summary>
public partial class Program;
