using ModelRegistry.Core.Common;
using ModelRegistry.Web.Cli;
using ModelRegistry.Web.Hosting;

if (RegistryCommand.IsVerb(args))
    return await RegistryCommand.RunAsync(args);

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

await app.PrepareRegistryAsync();
app.UseRegistry();
await app.RunAsync();
return 0;

/// <summary>Named for the tests' host.</summary>
public partial class Program;
