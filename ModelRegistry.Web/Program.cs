using ModelRegistry.Web.Hosting;

var builder = RegistryHost.CreateBuilder(args);
builder.AddRegistry();

var app = builder.Build();
await app.PrepareRegistryAsync();
app.UseRegistry();
await app.RunAsync();

/// <summary>Named for the tests' host.</summary>
public partial class Program;
