/* python.exe for a wheel that carries all of CPython but its program: hands over to the library beside it. */
#include <windows.h>

typedef int (*py_main)(int, wchar_t **);

int wmain(int argc, wchar_t **argv)
{
    wchar_t path[32768];
    DWORD length = GetModuleFileNameW(NULL, path, 32768);
    wchar_t *name = length && length < 32700 ? wcsrchr(path, L'\\') : NULL;
    HMODULE library;
    py_main run;

    if (!name)
        return 127;
    SetDllDirectoryW(L""); /* never from the working directory */
    wcscpy(name + 1, PYTHON_DLL);
    library = LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    run = library ? (py_main)(void *)GetProcAddress(library, "Py_Main") : NULL;
    return run ? run(argc, argv) : 127;
}
