using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace ModelRegistry.Tests.Support;

/// <summary>The real executable as a server of its own, which a test may kill as the system does.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly string _folder;
    private readonly Dictionary<string, string> _settings;
    private Process? _process;

    private ServerProcess(string folder, Dictionary<string, string> settings, string token)
    {
        (_folder, _settings) = (folder, settings);
        Address = new Uri($"http://127.0.0.1:{FreePort()}");
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Address };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public Uri Address { get; }

    /// <summary>Signed in as an admin.</summary>
    public HttpClient Client { get; }

    public int ProcessId => _process!.Id;

    /// <summary>Makes the database and an admin in the folder, and starts the server.</summary>
    public static async Task<ServerProcess> CreateAsync(string folder, Dictionary<string, string> settings)
    {
        var admin = await CommandLine.RunAsync(
            folder, settings, "a long enough password", "admin", "create", "--email", "a@example.org", "--password-stdin");
        admin.ExitCode.ShouldBe(0, admin.Error);
        var token = await CommandLine.RunAsync(folder, settings, null, "token", "create", "--email", "a@example.org", "--name", "test");
        token.ExitCode.ShouldBe(0, token.Error);
        var server = new ServerProcess(folder, settings, token.Out.Trim());
        await server.StartAsync();
        return server;
    }

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ModelRegistry.Web.dll"), $"--urls={Address}"])
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in _settings)
            start.Environment[key] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var response = await Client.GetAsync("/health");
                if (response.StatusCode == HttpStatusCode.OK)
                    return;
            }
            catch (HttpRequestException) when (!_process.HasExited && clock.Elapsed < TimeSpan.FromSeconds(60))
            {
            }

            await Task.Delay(50);
        }
    }

    /// <summary>As `kill -9`: no word to the process.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public void Dispose()
    {
        Client.Dispose();
        if (_process is null)
            return;
        try
        {
            _process.Kill();
            _process.WaitForExit(10_000);
        }
        catch (InvalidOperationException)
        {
            // Killed and gone already.
        }

        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
