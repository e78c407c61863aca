@echo off
rem triage, from the stick: double-click, or TRIAGE.cmd COMMAND ... in a console
setlocal EnableExtensions DisableDelayedExpansion
chcp 65001 >nul
set "STICK=%~dp0"
set "PROGRAM=%STICK%windows"
set "OPENSSL_CONF=nul"
set "OPENSSL_MODULES="
set "MAGIC="
set "CLICKED="
if "%~1"=="" set "CLICKED=1"
if "%~1"=="--elevated" set "CLICKED=1"
if not exist "%PROGRAM%\python.exe" goto lacking
if not exist "%PROGRAM%\@DLL@" goto lacking
if not exist "%PROGRAM%\@ZIPPED@" goto lacking
if not exist "%PROGRAM%\start.py" goto lacking
if defined CLICKED if exist "%STICK%CASES\" cd /d "%STICK%CASES"
"%PROGRAM%\python.exe" -I -S -B -X utf8 "%PROGRAM%\start.py" %*
set "CODE=%ERRORLEVEL%"
if "%CODE%"=="250" exit /b 0
goto end
:lacking
type "%STICK%LACKING.TXT"
set "CODE=2"
:end
if defined CLICKED pause
exit /b %CODE%
