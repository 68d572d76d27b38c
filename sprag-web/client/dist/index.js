import{a,b}from"./shared-RUE4GR6D.js";import"./shared-BGA4KVT3.js";export{a as Refused,b as store};
